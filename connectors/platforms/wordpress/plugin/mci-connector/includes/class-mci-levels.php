<?php
/**
 * Stock and prices as MCI says.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Sets levels, each with its own outcome.
 */
class MCI_Levels {

	/**
	 * Sets stock.
	 *
	 * @param array<int,mixed> $levels id, quantity.
	 * @return array<string,mixed>
	 */
	public function stock( array $levels ) {
		return $this->each(
			$levels,
			function ( WC_Product $product, array $level ) {
				if ( ! isset( $level['quantity'] ) || ! is_int( $level['quantity'] ) || $level['quantity'] < 0 ) {
					return 'bad_value';
				}
				self::set_stock( $product, $level['quantity'] );
				return '';
			}
		);
	}

	/**
	 * Sets prices.
	 *
	 * @param array<int,mixed> $levels id, price, compare_at.
	 * @return array<string,mixed>
	 */
	public function prices( array $levels ) {
		return $this->each(
			$levels,
			function ( WC_Product $product, array $level ) {
				$compare_at = isset( $level['compare_at'] ) ? $level['compare_at'] : '';
				if ( ! isset( $level['price'] ) || ! MCI_Call::is_money( $level['price'] ) || ( '' !== $compare_at && ! MCI_Call::is_money( $compare_at ) ) ) {
					return 'bad_value';
				}
				self::set_price( $product, $level['price'], $compare_at );
				if ( $product->get_changes() ) {
					$product->save();
				}
				return '';
			}
		);
	}

	/**
	 * Sets a stock level, unless it is so already.
	 *
	 * @param WC_Product $product  The product.
	 * @param int        $quantity How many.
	 */
	public static function set_stock( WC_Product $product, $quantity ) {
		if ( true !== $product->get_manage_stock( 'edit' ) ) {
			$product->set_manage_stock( true );
			$product->set_stock_quantity( $quantity );
			$product->save();
		} elseif ( $quantity !== $product->get_stock_quantity( 'edit' ) ) {
			wc_update_product_stock( $product, $quantity, 'set' ); // In the database at once: a sale may come in between.
		}
	}

	/**
	 * Sets a price without saving.
	 *
	 * @param WC_Product $product    The product.
	 * @param string     $price      EUR, VAT included.
	 * @param string     $compare_at The price before, or "".
	 */
	public static function set_price( WC_Product $product, $price, $compare_at ) {
		$sale = '' !== $compare_at && (float) $compare_at > (float) $price;
		$product->set_regular_price( self::as_entered( $product, $sale ? $compare_at : $price ) );
		$product->set_sale_price( $sale ? self::as_entered( $product, $price ) : '' );
		if ( ! $sale ) {
			$product->set_date_on_sale_from( '' );
			$product->set_date_on_sale_to( '' );
		}
	}

	/**
	 * A price as this shop enters them: some enter it without VAT, which is then taken off exactly, so that the customer
	 * pays what MCI said.
	 *
	 * @param WC_Product $product The product.
	 * @param string     $gross   VAT included.
	 * @return string
	 */
	private static function as_entered( WC_Product $product, $gross ) {
		if ( ! wc_tax_enabled() || wc_prices_include_tax() || 'taxable' !== $product->get_tax_status() ) {
			return $gross;
		}
		$taxes = WC_Tax::calc_inclusive_tax( (float) $gross, WC_Tax::get_base_tax_rates( $product->get_tax_class( 'unfiltered' ) ) );
		return wc_format_decimal( (float) $gross - array_sum( $taxes ), 6, true );
	}

	/**
	 * Does something to each product.
	 *
	 * @param array<int,mixed> $levels Rows with an id.
	 * @param callable         $act    Gets the product and the row, gives an error code or "".
	 * @return array<string,mixed>
	 */
	private function each( array $levels, callable $act ) {
		$errors = array();
		foreach ( $levels as $level ) {
			$id = is_array( $level ) && isset( $level['id'] ) && is_int( $level['id'] ) ? $level['id'] : 0;
			try {
				$error = $this->refusal( $id );
				$error = '' === $error ? $act( wc_get_product( $id ), $level ) : $error;
			} catch ( Throwable $trouble ) { // Other plugins have a say in each save.
				$error = 'failed';
			}
			if ( '' !== $error ) {
				$errors[ (string) $id ] = $error;
			}
		}
		return array( 'errors' => (object) $errors );
	}

	/**
	 * Why a product takes no level; "" when it does.
	 *
	 * @param int $id The product.
	 * @return string
	 */
	private function refusal( $id ) {
		$product = $id > 0 ? wc_get_product( $id ) : null;
		if ( ! $product ) {
			return 'not_found';
		}
		if ( 'trash' === $product->get_status() || ( $product->get_parent_id() && 'trash' === get_post_status( $product->get_parent_id() ) ) ) {
			return 'trashed';
		}
		return in_array( $product->get_type(), array( 'simple', 'variation' ), true ) ? '' : 'not_stockable';
	}
}
